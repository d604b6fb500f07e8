defmodule Guestbook.DatabaseURLTest do
  use ExUnit.Case, async: true

  alias Guestbook.DatabaseURL

  test "reads every part, decoded" do
    assert {:ok, options} = DatabaseURL.parse("postgres://ann:p%40ss@db.example.com:6432/book")

    assert [
             host: 'db.example.com',
             port: 6432,
             database: "book",
             user: "ann",
             password: "p@ss",
             as_binary: true
           ] = options
  end

  test "encrypts where the URL asks for it" do
    assert {:ok, options} = DatabaseURL.parse("postgres://u:p@h/d?sslmode=require")
    assert options[:transport] == :ssl
  end

  test "says what is wrong" do
    assert {:error, "DATABASE_URL does not begin with postgres://"} =
             DatabaseURL.parse("mysql://h/d")

    assert {:error, "DATABASE_URL names no database"} = DatabaseURL.parse("postgres://h")
  end
end
