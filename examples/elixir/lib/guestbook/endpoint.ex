defmodule Guestbook.Endpoint do
  @moduledoc """
  The web server: OTP's `httpd` with this module as its only handler.

      GET  /        the page
      POST /        adds the note in the form field `text`
      GET  /status  {"commit": "…", "notes": 3}

  Where the database does not answer, all three answer 503 with the reason.
  """
  require Record

  Record.defrecordp(:mod, Record.extract(:mod, from_lib: "inets/include/httpd.hrl"))

  @spec child_spec(keyword()) :: Supervisor.child_spec()
  def child_spec(options),
    do: %{id: __MODULE__, start: {__MODULE__, :start_link, [options]}, type: :supervisor}

  @spec start_link(keyword()) :: {:ok, pid()} | {:error, term()}
  def start_link(options) do
    # httpd wants two folders to exist; this server reads nothing from them.
    folder = to_charlist(System.tmp_dir!())

    :inets.start(
      :httpd,
      [
        port: Keyword.fetch!(options, :port),
        bind_address: :any,
        server_name: 'guestbook',
        server_root: folder,
        document_root: folder,
        max_body_size: 10_000,
        modules: [__MODULE__]
      ],
      :stand_alone
    )
  end

  # httpd calls this with its own record of the request.
  @doc false
  def unquote(:do)(request) do
    method = to_string(mod(request, :method))
    [path | _query] = request |> mod(:request_uri) |> to_string() |> String.split("?", parts: 2)
    respond(answer(method, path, request |> mod(:entity_body) |> to_string()))
  end

  defp answer(method, "/", _body) when method in ["GET", "HEAD"] do
    with {:ok, notes} <- Guestbook.Notes.latest(),
         do: {200, 'text/html; charset=utf-8', Guestbook.Page.html(commit(), notes)}
  end

  defp answer("POST", "/", body) do
    case URI.decode_query(body) do
      %{"text" => text} when text != "" ->
        with :ok <- Guestbook.Notes.add(text), do: {303, 'text/plain', ""}

      _other ->
        {400, 'text/plain', "the form field \"text\" is missing\n"}
    end
  rescue
    ArgumentError -> {400, 'text/plain', "the form cannot be read\n"}
  end

  defp answer(method, "/status", _body) when method in ["GET", "HEAD"] do
    with {:ok, count} <- Guestbook.Notes.count(),
         do: {200, 'application/json', Guestbook.Page.json(commit(), count)}
  end

  defp answer(_method, _path, _body), do: {404, 'text/plain', "not found\n"}

  defp respond({:error, reason}), do: respond({503, 'text/plain; charset=utf-8', "#{reason}\n"})

  defp respond({code, type, body}) do
    headers = [code: code, content_type: type, content_length: to_charlist(byte_size(body))]
    headers = if code == 303, do: headers ++ [location: '/'], else: headers
    {:proceed, [response: {:response, headers, [body]}]}
  end

  defp commit, do: Application.get_env(:guestbook, :commit, "unknown")
end
