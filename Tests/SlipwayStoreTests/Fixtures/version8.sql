-- A database of version 8: one row of its journal for each kind, state and outcome that there was.
PRAGMA foreign_keys = OFF;
PRAGMA user_version = 8;
BEGIN TRANSACTION;
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    event TEXT NOT NULL,
    headers TEXT NOT NULL, -- `name: value`, a line each
    received_at INTEGER NOT NULL, -- times are milliseconds since 1970
    segment INTEGER NOT NULL, -- where the body is: file, first byte, bytes, CRC-32
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    -- By OR: of a longer IN, SQLite makes a table, for each row that is written.
    decision TEXT NOT NULL CHECK (decision = 'plans' OR decision = 'ignored' OR decision = 'pong'),
    reason TEXT
) STRICT;
CREATE TABLE delivery_jobs (
    delivery INTEGER NOT NULL REFERENCES deliveries(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    joined INTEGER NOT NULL,
    PRIMARY KEY (delivery, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE effects (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    step TEXT NOT NULL,
    kind TEXT NOT NULL,
    nonce TEXT NOT NULL,
    intent TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    outcome TEXT, -- NULL: begun, and nobody knows how it ended
    ended_at INTEGER
) STRICT;
INSERT INTO "effects" VALUES(1,1,1,'test','run container','slipway-4f3c2a1b-1-test','elixir:1.9.4 1212121212121212121212121212121212121212121212121212121212121212',1763834460010,'exit status 0',1763834460015);
INSERT INTO "effects" VALUES(2,1,1,'build','build image','io.slipway.job=1','slipway:shop-0000000000000000000000000000000000000001 1212121212121212121212121212121212121212121212121212121212121212',1763834460020,'sha256:abababababababababababababababababababababababababababababababab',1763834460025);
INSERT INTO "effects" VALUES(3,1,1,'push','push image','shop-app/web','sha256:abababababababababababababababababababababababababababababababab',1763834460030,'sha256:abababababababababababababababababababababababababababababababab sha256:efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef',1763834460035);
INSERT INTO "effects" VALUES(4,1,1,'push','push image','shop-app/release','sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd',1763834460040,'sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd',1763834460045);
INSERT INTO "effects" VALUES(5,1,1,'migrate','release formation','shop-app','web=sha256:abababababababababababababababababababababababababababababababab release=sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd after v7',1763834460050,'v8 0f1e2d3c-0000-1111-2222-333344445555',1763834460055);
INSERT INTO "effects" VALUES(6,1,1,'release','scale formation','shop-app','web=1',1763834460060,'web=1',1763834460065);
INSERT INTO "effects" VALUES(7,2,1,'test','run container','slipway-4f3c2a1b-2-test','elixir:1.9.4 1212121212121212121212121212121212121212121212121212121212121212',1763834520070,NULL,NULL);
INSERT INTO "effects" VALUES(8,2,1,'build','build image','io.slipway.job=2','slipway:shop-0000000000000000000000000000000000000002 1212121212121212121212121212121212121212121212121212121212121212',1763834520080,NULL,NULL);
INSERT INTO "effects" VALUES(9,2,1,'push','push image','shop-app/web','sha256:abababababababababababababababababababababababababababababababab',1763834520090,NULL,NULL);
INSERT INTO "effects" VALUES(10,2,1,'migrate','release formation','shop-app','web=sha256:abababababababababababababababababababababababababababababababab release=sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd after v7',1763834520100,NULL,NULL);
INSERT INTO "effects" VALUES(11,2,1,'release','scale formation','shop-app','web=1',1763834520110,NULL,NULL);
INSERT INTO "effects" VALUES(12,2,1,'release','restart dynos','shop-app','v8 d1@2026-11-22T19:00:00Z d2@2026-11-22T19:00:01Z',1763834520120,NULL,NULL);
INSERT INTO "effects" VALUES(13,2,1,'migrate','run dyno','cafe01','attached in shop-app: /app/bin/migrate --all',1763834520130,NULL,NULL);
INSERT INTO "effects" VALUES(14,2,1,'migrate','follow dyno','cafe01','run.5',1763834520140,NULL,NULL);
INSERT INTO "effects" VALUES(15,2,1,'migrate','run dyno','cafe02','detached in shop-app: /app/bin/migrate --all',1763834520150,NULL,NULL);
INSERT INTO "effects" VALUES(16,3,1,'test','run container','slipway-4f3c2a1b-3-test','elixir:1.9.4 1212121212121212121212121212121212121212121212121212121212121212',1763834580160,'the test script `mix test` ended with exit status 3',1763834580165);
INSERT INTO "effects" VALUES(17,3,1,'test','run container','slipway-4f3c2a1b-3-test','elixir:1.9.4 1212121212121212121212121212121212121212121212121212121212121212',1763834580170,'the test script ended with exit status 127: a command of it is not in the image',1763834580175);
INSERT INTO "effects" VALUES(18,3,1,'test','run container','slipway-4f3c2a1b-3-test','elixir:1.9.4 1212121212121212121212121212121212121212121212121212121212121212',1763834580180,'the tests ran out of memory (512 MiB); test.limits.memory gives them more',1763834580185);
INSERT INTO "effects" VALUES(19,3,1,'test','run container','slipway-4f3c2a1b-3-test','elixir:1.9.4 1212121212121212121212121212121212121212121212121212121212121212',1763834580190,'docker create of test.image elixir:1.9.4 failed: no such image',1763834580195);
INSERT INTO "effects" VALUES(20,3,1,'test','run container','slipway-4f3c2a1b-3-test','elixir:1.9.4 1212121212121212121212121212121212121212121212121212121212121212',1763834580200,'CancellationError()',1763834580205);
INSERT INTO "effects" VALUES(21,3,1,'build','build image','io.slipway.job=3','slipway:shop-0000000000000000000000000000000000000003 1212121212121212121212121212121212121212121212121212121212121212',1763834580210,'the Dockerfile has no stage shop',1763834580215);
INSERT INTO "effects" VALUES(22,3,1,'push','push image','shop-app/web','sha256:abababababababababababababababababababababababababababababababab',1763834580220,'push to registry.heroku.com/shop-app/web was denied',1763834580225);
INSERT INTO "effects" VALUES(23,3,1,'migrate','release formation','shop-app','web=sha256:abababababababababababababababababababababababababababababababab release=sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd after v7',1763834580230,'not done: 422 invalid_params: no such image',1763834580235);
INSERT INTO "effects" VALUES(24,3,1,'release','scale formation','shop-app','web=1',1763834580240,'not done: 403 forbidden: no',1763834580245);
INSERT INTO "effects" VALUES(25,3,1,'release','restart dynos','shop-app','v8 d1@2026-11-22T19:00:00Z d2@2026-11-22T19:00:01Z',1763834580250,'not done: 401 unauthorized: who?',1763834580255);
INSERT INTO "effects" VALUES(26,4,1,'migrate','release formation','shop-app','web=sha256:abababababababababababababababababababababababababababababababab release=sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd after v7',1763834640260,'no release: already running',1763834640265);
INSERT INTO "effects" VALUES(27,4,1,'release','restart dynos','shop-app','v8 d1@2026-11-22T19:00:00Z d2@2026-11-22T19:00:01Z',1763834640270,'v8 0f1e2d3c-0000-1111-2222-333344445555',1763834640275);
INSERT INTO "effects" VALUES(28,4,1,'release','restart dynos','shop-app','v8',1763834640280,'v8 0f1e2d3c-0000-1111-2222-333344445555',1763834640285);
INSERT INTO "effects" VALUES(29,5,1,'migrate','run dyno','beef01','attached in shop-app: /app/bin/migrate --all',1763834700290,'run.5 exited with status 0',1763834700295);
INSERT INTO "effects" VALUES(30,5,1,'migrate','run dyno','beef02','detached in shop-app: /app/bin/migrate --all',1763834700300,'run.6 exited with status 3',1763834700305);
INSERT INTO "effects" VALUES(31,5,1,'migrate','run dyno','beef03','attached in shop-app: /app/bin/migrate --all',1763834700310,'run.7: outcome unknown, the connection to the dyno broke: it was reset',1763834700315);
INSERT INTO "effects" VALUES(32,5,1,'migrate','run dyno','beef04','attached in shop-app: /app/bin/migrate --all',1763834700320,'not run: Heroku offers another way than a rendezvous',1763834700325);
INSERT INTO "effects" VALUES(33,5,1,'migrate','run dyno','beef05','attached in shop-app: /app/bin/migrate --all',1763834700330,'not done: 402 delinquent: pay',1763834700335);
INSERT INTO "effects" VALUES(34,6,1,'test','run container','slipway-4f3c2a1b-6-test','elixir:1.9.4',1763834760340,'lost in the fog',1763834760345);
INSERT INTO "effects" VALUES(35,6,1,'migrate','release formation','shop-app','lost in the fog',1763834760350,'lost in the fog',1763834760355);
INSERT INTO "effects" VALUES(36,6,1,'release','restart dynos','shop-app','lost in the fog',1763834760360,'lost in the fog',1763834760365);
INSERT INTO "effects" VALUES(37,6,1,'release','scale formation','shop-app','lost in the fog',1763834760370,'lost in the fog',1763834760375);
INSERT INTO "effects" VALUES(38,6,1,'migrate','run dyno','dead01','lost in the fog',1763834760380,'lost in the fog',1763834760385);
INSERT INTO "effects" VALUES(39,6,1,'release','juggle plates','n','three',1763834760390,'two fell',1763834760395);
CREATE TABLE ended_sessions (
    session TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE failed_releases (
    id INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    target TEXT NOT NULL,
    image TEXT NOT NULL,
    job INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    followed_by INTEGER REFERENCES releases(id) -- the release that brought this image live after all
) STRICT;
CREATE TABLE hook_looks (
    app TEXT NOT NULL,
    hook INTEGER NOT NULL, -- GitHub's numbers, these two
    delivery INTEGER NOT NULL,
    PRIMARY KEY (app, hook)
) STRICT, WITHOUT ROWID;
CREATE TABLE images (
    app TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    recipe TEXT NOT NULL,
    image TEXT NOT NULL,
    job INTEGER NOT NULL,
    built_at INTEGER NOT NULL,
    PRIMARY KEY (app, commit_id, recipe)
) STRICT, WITHOUT ROWID;
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL,
    target TEXT,
    trigger_kind TEXT NOT NULL,
    ref TEXT NOT NULL,
    delivery TEXT NOT NULL,
    triggered_by TEXT,
    commit_id TEXT,
    commit_message TEXT NOT NULL,
    commit_author TEXT,
    fresh INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'queued' OR state = 'running' OR state = 'succeeded' OR state = 'failed' OR state = 'cancelled'
        OR state = 'superseded'),
    reason TEXT,
    priority INTEGER NOT NULL,
    supersedable INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0, -- how often it was begun since its last step ended
    successor INTEGER REFERENCES jobs(id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER
, supersessions INTEGER NOT NULL DEFAULT 0, cancel_reason TEXT) STRICT;
INSERT INTO "jobs" VALUES(1,'shop','production','push','refs/heads/main','guid-1','ana','0000000000000000000000000000000000000001','Sell more','Ana',0,'succeeded',NULL,1,1,1,NULL,1763834460000,1763834460100,1763834510000,0,NULL);
INSERT INTO "jobs" VALUES(2,'shop','production','push','refs/heads/main','guid-2','ana','0000000000000000000000000000000000000002','Sell more','Ana',0,'running',NULL,1,1,1,NULL,1763834520000,1763834520100,NULL,0,NULL);
INSERT INTO "jobs" VALUES(3,'shop','production','push','refs/heads/main','guid-3','ana','0000000000000000000000000000000000000003','Sell more','Ana',0,'failed','test: the test script `mix test` ended with exit status 3',1,1,1,NULL,1763834580000,1763834580100,1763834630000,0,NULL);
INSERT INTO "jobs" VALUES(4,'shop','production','push','refs/heads/main','guid-4','ana','0000000000000000000000000000000000000004','Sell more','Ana',0,'succeeded','this image was already running as v8; its dynos were restarted and verified',1,1,1,NULL,1763834640000,1763834640100,1763834690000,0,NULL);
INSERT INTO "jobs" VALUES(5,'shop','production','push','refs/heads/main','guid-5','ana','0000000000000000000000000000000000000005','Sell more','Ana',0,'failed','migrate: outcome unknown',1,1,1,NULL,1763834700000,1763834700100,1763834750000,0,NULL);
INSERT INTO "jobs" VALUES(6,'shop','production','push','refs/heads/main','guid-6','ana','0000000000000000000000000000000000000006','Sell more','Ana',0,'failed','release: took longer than 30 min and was ended',1,1,1,NULL,1763834760000,1763834760100,1763834810000,0,NULL);
CREATE TABLE looks (
    app TEXT NOT NULL PRIMARY KEY,
    repository TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE migrations (
    id INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    target TEXT NOT NULL,
    image TEXT NOT NULL,
    job INTEGER NOT NULL,
    migrated_at INTEGER NOT NULL
, commit_id TEXT, command TEXT) STRICT;
CREATE TABLE queue_pause (
    id INTEGER PRIMARY KEY CHECK (id = 1), -- there is one queue
    paused_by TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT;
CREATE TABLE releases (
    id INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    target TEXT NOT NULL,
    job INTEGER NOT NULL,
    commit_id TEXT NOT NULL,
    image TEXT NOT NULL,
    version INTEGER NOT NULL,
    since INTEGER NOT NULL
, manifest TEXT, doubted_by INTEGER) STRICT;
CREATE TABLE repositories (
    id INTEGER PRIMARY KEY, -- GitHub's
    name TEXT NOT NULL,
    app TEXT NOT NULL
) STRICT;
CREATE TABLE steps (
    job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    started_at INTEGER,
    finished_at INTEGER, detail TEXT,
    PRIMARY KEY (job, position),
    UNIQUE (job, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE target_locks (
    app TEXT NOT NULL,
    target TEXT NOT NULL,
    locked_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (app, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE target_pauses (
    app TEXT NOT NULL,
    target TEXT NOT NULL,
    paused_by TEXT NOT NULL,
    rollback INTEGER, -- the job; NULL: somebody asked for the pause itself
    since INTEGER NOT NULL,
    PRIMARY KEY (app, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE tips (
    app TEXT NOT NULL,
    ref TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (app, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_queued ON jobs(priority DESC, id, app, target, state) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs(app, target, state) WHERE state = 'running';
CREATE INDEX jobs_active ON jobs(app, ref, target) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_by_successor ON jobs(successor) WHERE successor IS NOT NULL;
CREATE INDEX delivery_jobs_by_job ON delivery_jobs(job);
CREATE INDEX effects_by_job ON effects(job, attempt);
CREATE INDEX releases_by_target ON releases(app, target, id);
CREATE INDEX migrations_by_target ON migrations(app, target, id);
CREATE INDEX failed_releases_open ON failed_releases(app, target, image) WHERE followed_by IS NULL;
CREATE INDEX releases_by_job ON releases(job);
CREATE INDEX jobs_waiting ON jobs(app, target, priority DESC, id) WHERE state = 'queued';
CREATE INDEX jobs_ended ON jobs(state, id) WHERE state <> 'queued' AND state <> 'running';
CREATE INDEX jobs_by_target ON jobs(app, target, state, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',6);
COMMIT;
