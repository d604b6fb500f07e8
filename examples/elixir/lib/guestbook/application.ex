defmodule Guestbook.Application do
  @moduledoc "Starts the database connection, then the web server."
  use Application

  @impl true
  def start(_type, _args) do
    children = [
      {Guestbook.Repo, url: Application.get_env(:guestbook, :database_url), name: Guestbook.Repo},
      {Guestbook.Endpoint, port: Application.get_env(:guestbook, :port, 4000)}
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: Guestbook.Supervisor)
  end
end
