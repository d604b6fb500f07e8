defmodule Guestbook.Repo do
  @moduledoc """
  One connection to PostgreSQL, opened when it is first needed and again after it was lost.

  Values go into the SQL text by `literal/1` only: the parameters of this driver's own prepared queries get no answer
  from PostgreSQL 15.
  """
  use GenServer

  @type reason :: String.t()
  @type rows :: [[String.t() | nil]]

  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(options),
    do: GenServer.start_link(__MODULE__, options[:url], name: options[:name])

  @doc "Runs one text of SQL and returns the rows of its last statement."
  @spec query(GenServer.server(), String.t()) :: {:ok, rows()} | {:error, reason()}
  def query(repo \\ __MODULE__, sql), do: GenServer.call(repo, {:query, sql}, 30_000)

  @doc "A text as SQL. Its bytes travel as hexadecimal digits, so that no text can end the literal."
  @spec literal(String.t()) :: String.t()
  def literal(text),
    do: "convert_from(decode('#{Base.encode16(text, case: :lower)}', 'hex'), 'UTF8')"

  @doc "Opens a connection that belongs to the caller."
  @spec connect(String.t() | nil) :: {:ok, pid()} | {:error, reason()}
  def connect(url) when url in [nil, ""], do: {:error, "no database is configured (DATABASE_URL)"}

  def connect(url) do
    with {:ok, options} <- Guestbook.DatabaseURL.parse(url) do
      case :pgsql.connect(options) do
        {:ok, connection} -> {:ok, connection}
        {:error, reason} -> {:error, "cannot connect to the database: #{describe(reason)}"}
      end
    end
  catch
    :exit, reason -> {:error, "cannot connect to the database: #{describe(reason)}"}
  end

  @doc "Runs a text of one or more statements on a connection, all or none of them."
  @spec run(pid(), String.t()) :: {:ok, rows()} | {:error, reason()}
  def run(connection, sql) do
    with {:ok, results} <- :pgsql.squery(connection, sql),
         nil <- Enum.find(results, &match?({:error, _fields}, &1)) do
      {:ok, rows(List.last(results))}
    else
      {:error, reason} -> {:error, describe(reason)}
    end
  catch
    :exit, reason -> {:error, "the database connection was lost: #{describe(reason)}"}
  end

  @impl true
  def init(url) do
    # A lost connection is an exit of its process: it becomes a message, and the next query connects again.
    Process.flag(:trap_exit, true)
    {:ok, %{url: url, connection: nil}}
  end

  @impl true
  def handle_call({:query, sql}, _from, state) do
    case connected(state) do
      {:ok, state} -> {:reply, run(state.connection, sql), state}
      {:error, reason} -> {:reply, {:error, reason}, state}
    end
  end

  @impl true
  def handle_info({:EXIT, connection, _reason}, %{connection: connection} = state),
    do: {:noreply, %{state | connection: nil}}

  def handle_info(_message, state), do: {:noreply, state}

  defp connected(%{connection: nil} = state) do
    with {:ok, connection} <- connect(state.url), do: {:ok, %{state | connection: connection}}
  end

  defp connected(state), do: {:ok, state}

  defp rows({_command, _columns, rows}), do: Enum.map(rows, fn row -> Enum.map(row, &value/1) end)
  defp rows(_command), do: []

  defp value(:null), do: nil
  defp value(value), do: to_string(value)

  # Of PostgreSQL's error fields, the one that a person wants.
  defp describe({:error_response, fields}), do: describe(fields)
  defp describe({:init, reason}), do: describe(reason)
  defp describe({:error, reason}), do: describe(reason)

  defp describe(fields) when is_list(fields) do
    case List.keyfind(fields, :message, 0) do
      {:message, message} -> to_string(message)
      nil -> inspect(fields)
    end
  end

  defp describe(reason), do: inspect(reason)
end
