defmodule Guestbook.NotesTest do
  use ExUnit.Case, async: false

  alias Guestbook.{Notes, Release, Repo}

  @moduletag :database
  @migrations Path.expand("../priv/migrations", __DIR__)

  setup do
    {:ok, connection} = Repo.connect(System.fetch_env!("DATABASE_URL"))
    {:ok, _rows} = Repo.run(connection, "drop table if exists notes, schema_migrations")
    {:ok, connection: connection}
  end

  test "a migration runs once", %{connection: connection} do
    assert {:ok, 1} = Release.migrate(connection, @migrations)
    assert {:ok, 0} = Release.migrate(connection, @migrations)
  end

  @tag :tmp_dir
  test "a refused migration leaves nothing behind", %{connection: connection, tmp_dir: folder} do
    File.write!(Path.join(folder, "1_bad.sql"), "create table half (id int); select no_such();")
    assert {:error, {"1_bad.sql", reason}} = Release.migrate(connection, folder)
    assert reason =~ "no_such() does not exist"
    assert {:ok, [[nil]]} = Repo.run(connection, "select to_regclass('half')")
  end

  test "a note comes back as it was written", %{connection: connection} do
    {:ok, 1} = Release.migrate(connection, @migrations)
    note = "it's 'quoted', \\ and ünïcode"
    assert :ok = Notes.add(note)
    assert {:ok, [^note]} = Notes.latest()
    assert {:ok, 1} = Notes.count()
  end
end
