# Without a database the tests that need one are left out; DATABASE_URL names one that they may fill.
ExUnit.start(exclude: if(System.get_env("DATABASE_URL"), do: [], else: [:database]))
