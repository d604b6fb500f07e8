defmodule Guestbook.Release do
  @moduledoc """
  What a release does besides serving: `bin/migrate` calls `migrate/0`.

  Migrations are the files `priv/migrations/VERSION_name.sql`. Each runs once, in the order of its version, in one
  transaction with the row that records it. Exit codes: 0 up to date, 2 no connection, 3 a migration was refused.
  """

  alias Guestbook.Repo

  # Any number that no other program of this database takes; two migrations at once wait for each other.
  @lock 7_237_001

  @spec migrate() :: no_return()
  def migrate do
    {:ok, _started} = Application.ensure_all_started(:p1_pgsql)
    Process.flag(:trap_exit, true)

    with {:ok, connection} <- Repo.connect(Application.get_env(:guestbook, :database_url)),
         {:ok, count} <- migrate(connection, folder()) do
      IO.puts("migrate: up to date, #{count} applied")
      System.halt(0)
    else
      {:error, {file, reason}} ->
        IO.puts(:stderr, "migrate: #{file} was refused: #{reason}")
        System.halt(3)

      {:error, reason} ->
        IO.puts(:stderr, "migrate: #{reason}")
        System.halt(2)
    end
  end

  @doc "Applies what is missing and returns how many that were, or the file that was refused and why."
  @spec migrate(pid(), Path.t()) ::
          {:ok, non_neg_integer()} | {:error, Repo.reason() | {String.t(), Repo.reason()}}
  def migrate(connection, folder) do
    with {:ok, _rows} <- Repo.run(connection, "select pg_advisory_lock(#{@lock})"),
         {:ok, _rows} <-
           Repo.run(connection, """
           create table if not exists schema_migrations
             (version bigint primary key, inserted_at timestamptz not null default now())
           """),
         {:ok, rows} <- Repo.run(connection, "select version from schema_migrations") do
      applied = MapSet.new(rows, fn [version] -> String.to_integer(version) end)

      result =
        folder
        |> pending(applied)
        |> Enum.reduce_while({:ok, 0}, fn migration, {:ok, count} ->
          case apply_one(connection, migration) do
            {:ok, _rows} -> {:cont, {:ok, count + 1}}
            {:error, reason} -> {:halt, {:error, {Path.basename(elem(migration, 1)), reason}}}
          end
        end)

      Repo.run(connection, "select pg_advisory_unlock(#{@lock})")
      result
    end
  end

  @doc "The migrations that are not applied yet, as version and file, in order."
  @spec pending(Path.t(), MapSet.t(integer())) :: [{integer(), Path.t()}]
  def pending(folder, applied) do
    folder
    |> Path.join("*.sql")
    |> Path.wildcard()
    |> Enum.map(fn file -> {file |> Path.basename() |> Integer.parse() |> elem(0), file} end)
    |> Enum.reject(fn {version, _file} -> version in applied end)
    |> Enum.sort()
  end

  # PostgreSQL runs the statements of one text in one transaction.
  defp apply_one(connection, {version, file}) do
    IO.puts("migrate: #{Path.basename(file)}")

    Repo.run(
      connection,
      File.read!(file) <> "\n;insert into schema_migrations (version) values (#{version})"
    )
  end

  defp folder, do: Application.app_dir(:guestbook, "priv/migrations")
end
