defmodule Guestbook.DatabaseURL do
  @moduledoc "Reads a `postgres://user:password@host:port/database` URL, as Heroku gives it."

  @type options :: [{atom(), term()}]

  @doc "Options for `:pgsql.connect/1`, or a sentence that says what is wrong with the URL."
  @spec parse(String.t()) :: {:ok, options()} | {:error, String.t()}
  def parse(url) do
    uri = URI.parse(url)
    {user, password} = credentials(uri.userinfo)

    cond do
      uri.scheme not in ["postgres", "postgresql"] ->
        {:error, "DATABASE_URL does not begin with postgres://"}

      uri.host in [nil, ""] ->
        {:error, "DATABASE_URL names no host"}

      String.trim_leading(uri.path || "", "/") == "" ->
        {:error, "DATABASE_URL names no database"}

      true ->
        {:ok,
         [
           host: to_charlist(uri.host),
           port: uri.port || 5432,
           database: uri.path |> String.trim_leading("/") |> URI.decode(),
           user: user,
           password: password,
           as_binary: true
         ] ++ transport(URI.decode_query(uri.query || ""))}
    end
  end

  defp credentials(nil), do: {"postgres", ""}

  defp credentials(userinfo) do
    case String.split(userinfo, ":", parts: 2) do
      [user] -> {URI.decode(user), ""}
      [user, password] -> {URI.decode(user), URI.decode(password)}
    end
  end

  # Heroku's databases show a certificate of their own making, so `require` asks for encryption only, as libpq does.
  defp transport(%{"sslmode" => "require"}),
    do: [transport: :ssl, ssl_options: [verify: :verify_none]]

  defp transport(_query), do: []
end
