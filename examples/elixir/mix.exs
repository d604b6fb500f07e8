defmodule Guestbook.MixProject do
  use Mix.Project

  def project do
    [
      app: :guestbook,
      version: "0.1.0",
      elixir: "~> 1.14",
      start_permanent: Mix.env() == :prod,
      # OTP and Debian's erlang-p1-pgsql are enough: the example builds without a package registry.
      deps: [],
      releases: [guestbook: [include_executables_for: [:unix]]]
    ]
  end

  def application do
    [
      mod: {Guestbook.Application, []},
      # p1_pgsql is no dependency of Mix's, so only its name here takes it into the release.
      extra_applications: [:logger, :inets, :ssl, :p1_pgsql]
    ]
  end
end
