import Config

config :guestbook,
  port: String.to_integer(System.get_env("PORT", "4000")),
  commit: System.get_env("GUESTBOOK_COMMIT", "unknown"),
  database_url: System.get_env("DATABASE_URL")

if config_env() == :prod and System.get_env("DATABASE_URL") in [nil, ""] do
  raise "DATABASE_URL is missing; it looks like postgres://user:password@host:5432/database"
end
