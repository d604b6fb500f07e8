defmodule Guestbook.Notes do
  @moduledoc "The guestbook itself: notes that visitors leave."

  alias Guestbook.Repo

  @spec latest(GenServer.server()) :: {:ok, [String.t()]} | {:error, Repo.reason()}
  def latest(repo \\ Repo) do
    with {:ok, rows} <- Repo.query(repo, "select text from notes order by id desc limit 20") do
      {:ok, Enum.map(rows, fn [text] -> text end)}
    end
  end

  @spec count(GenServer.server()) :: {:ok, non_neg_integer()} | {:error, Repo.reason()}
  def count(repo \\ Repo) do
    with {:ok, [[count]]} <- Repo.query(repo, "select count(*) from notes"),
         do: {:ok, String.to_integer(count)}
  end

  @spec add(GenServer.server(), String.t()) :: :ok | {:error, Repo.reason()}
  def add(repo \\ Repo, text) do
    sql = "insert into notes (text) values (#{Repo.literal(String.slice(text, 0, 500))})"
    with {:ok, _rows} <- Repo.query(repo, sql), do: :ok
  end
end
