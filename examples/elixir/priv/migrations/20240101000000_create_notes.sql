create table notes (
  id bigserial primary key,
  text text not null,
  inserted_at timestamptz not null default now()
);
