defmodule Guestbook.Page do
  @moduledoc "What visitors see, as text; no connection and no database here."

  @spec html(String.t(), [String.t()]) :: String.t()
  def html(commit, notes) do
    """
    <!doctype html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Guestbook</title></head>
    <body>
    <h1>Guestbook</h1>
    <ul>#{Enum.map_join(notes, &"<li>#{escape(&1)}</li>")}</ul>
    <form method="post" action="/"><input name="text" maxlength="500"><button>Sign</button></form>
    <p>commit <code>#{escape(commit)}</code></p>
    </body>
    </html>
    """
  end

  @spec json(String.t(), non_neg_integer()) :: String.t()
  def json(commit, count), do: ~s({"commit": "#{commit}", "notes": #{count}}\n)

  @spec escape(String.t()) :: String.t()
  def escape(text) do
    for <<character::utf8 <- text>>, into: "" do
      case character do
        ?& -> "&amp;"
        ?< -> "&lt;"
        ?> -> "&gt;"
        ?" -> "&quot;"
        other -> <<other::utf8>>
      end
    end
  end
end
