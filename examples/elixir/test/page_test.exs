defmodule Guestbook.PageTest do
  use ExUnit.Case, async: true

  test "the page names the commit" do
    assert Guestbook.Page.html("48141bb", []) =~ "commit <code>48141bb</code>"
  end

  test "a note cannot add markup" do
    assert Guestbook.Page.html("c", ["<script>"]) =~ "<li>&lt;script&gt;</li>"
  end

  test "the status is JSON" do
    assert Guestbook.Page.json("48141bb", 3) == ~s({"commit": "48141bb", "notes": 3}\n)
  end
end
