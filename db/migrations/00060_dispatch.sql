-- +goose Up
-- Owner: dispatch. Lock order: task, booking, work order, then ledger accounts.
CREATE TABLE tasks (
    id               text PRIMARY KEY CHECK (id LIKE 'task\_%'),
    account_id       text NOT NULL REFERENCES accounts,
    livemode         boolean NOT NULL,
    status           text NOT NULL CHECK (status IN ('screening', 'open', 'policy_blocked', 'needs_review', 'booked', 'completed', 'cancelled')),
    task_type        text NOT NULL,
    template_version text NOT NULL,
    body             jsonb NOT NULL, -- the validated task with the template's defaults filled in
    brief_sha256     text NOT NULL,  -- of the body as stored at creation
    currency         text NOT NULL CHECK (length(currency) = 3),
    max_total        bigint NOT NULL CHECK (max_total > 0), -- minor units
    start_at         timestamptz NOT NULL,
    end_at           timestamptz NOT NULL,
    deadline_at      timestamptz NOT NULL,
    policy           jsonb NOT NULL, -- the decision that counts
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE INDEX tasks_account ON tasks (account_id, id DESC);
CREATE INDEX tasks_account_status ON tasks (account_id, status, id DESC);
CREATE INDEX tasks_review ON tasks (id) WHERE status = 'needs_review';

CREATE TABLE quote_requests (
    id         text PRIMARY KEY CHECK (id LIKE 'qr\_%'),
    task_id    text NOT NULL REFERENCES tasks,
    account_id text NOT NULL REFERENCES accounts,
    talent_id  text NOT NULL REFERENCES talent,
    status     text NOT NULL CHECK (status IN ('requested', 'quoted', 'declined', 'expired', 'cancelled')),
    message    text NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT quote_requests_once UNIQUE (task_id, talent_id)
);
CREATE INDEX quote_requests_talent ON quote_requests (talent_id, id DESC);

CREATE TABLE quotes (
    id               text PRIMARY KEY CHECK (id LIKE 'quo\_%'),
    quote_request_id text NOT NULL REFERENCES quote_requests,
    task_id          text NOT NULL REFERENCES tasks,
    account_id       text NOT NULL REFERENCES accounts,
    talent_id        text NOT NULL REFERENCES talent,
    status           text NOT NULL CHECK (status IN ('received', 'accepted', 'booked', 'declined', 'expired')),
    amount           bigint NOT NULL CHECK (amount > 0), -- minor units
    currency         text NOT NULL CHECK (length(currency) = 3),
    message          text NOT NULL,
    expires_at       timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    accepted_at      timestamptz,
    CONSTRAINT quotes_once UNIQUE (quote_request_id)
);
CREATE INDEX quotes_task ON quotes (task_id, id DESC);

CREATE TABLE bookings (
    id           text PRIMARY KEY CHECK (id LIKE 'book\_%'),
    task_id      text NOT NULL REFERENCES tasks,
    account_id   text NOT NULL REFERENCES accounts,
    talent_id    text NOT NULL REFERENCES talent,
    quote_id     text NOT NULL UNIQUE REFERENCES quotes,
    status       text NOT NULL CHECK (status IN ('confirmed', 'checked_in', 'completed', 'cancelled', 'no_show')),
    amount       bigint NOT NULL CHECK (amount > 0),
    currency     text NOT NULL,
    start_at     timestamptz NOT NULL,
    end_at       timestamptz NOT NULL,
    no_show_at   timestamptz NOT NULL,
    site_secret  bytea NOT NULL,
    cancel_reason text,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX bookings_one_live_per_task ON bookings (task_id) WHERE status IN ('confirmed', 'checked_in', 'completed');
CREATE INDEX bookings_account ON bookings (account_id, id DESC);
CREATE INDEX bookings_talent ON bookings (talent_id, id DESC);

CREATE TABLE checkins (
    id          text PRIMARY KEY CHECK (id LIKE 'chk\_%'),
    booking_id  text NOT NULL REFERENCES bookings,
    talent_id   text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('in', 'out')),
    person      text NOT NULL,
    lat         double precision NOT NULL,
    lng         double precision NOT NULL,
    accuracy_m  double precision NOT NULL,
    captured_at timestamptz NOT NULL, -- device time
    received_at timestamptz NOT NULL, -- server time
    verdict     text NOT NULL CHECK (verdict IN ('inside', 'uncertain', 'outside')),
    distance_m  double precision,
    settled_by  text,                 -- what settled an uncertain one: site_code
    flags       text[] NOT NULL
);
CREATE INDEX checkins_booking ON checkins (booking_id, id);
CREATE INDEX checkins_talent ON checkins (talent_id, id DESC);

CREATE TABLE work_orders (
    id                text PRIMARY KEY CHECK (id LIKE 'wo\_%'),
    booking_id        text NOT NULL UNIQUE REFERENCES bookings,
    task_id           text NOT NULL REFERENCES tasks,
    account_id        text NOT NULL REFERENCES accounts,
    talent_id         text NOT NULL REFERENCES talent,
    status            text NOT NULL CHECK (status IN ('open', 'submitted', 'qa_passed', 'qa_failed', 'qa_review', 'changes_requested', 'accepted', 'disputed', 'resolved', 'cancelled')),
    revision          integer NOT NULL DEFAULT 0,
    current_run_id    text,
    changes_message   text NOT NULL DEFAULT '',
    accept_due_at     timestamptz, -- when a passed work order accepts itself
    accepted_at       timestamptz,
    accepted_files    integer,
    total_files       integer,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
);
CREATE INDEX work_orders_account ON work_orders (account_id, id DESC);
CREATE INDEX work_orders_talent ON work_orders (talent_id, id DESC);

CREATE TABLE files (
    id           text PRIMARY KEY CHECK (id LIKE 'file\_%'),
    account_id   text REFERENCES accounts,
    talent_id    text REFERENCES talent,
    livemode     boolean NOT NULL,
    name         text NOT NULL,
    content_type text NOT NULL,
    bytes        bigint NOT NULL CHECK (bytes > 0),
    status       text NOT NULL CHECK (status IN ('pending', 'uploaded')),
    sha256       text,
    capture      jsonb,            -- where the portal took it: lat, lng, accuracy_m, at
    facts        jsonb,
    facts_engine text,
    expires_at   timestamptz NOT NULL, -- of the permission to upload
    created_at   timestamptz NOT NULL,
    uploaded_at  timestamptz,
    CHECK ((account_id IS NULL) <> (talent_id IS NULL)),
    CHECK (status = 'pending' OR sha256 IS NOT NULL)
);
CREATE INDEX files_pending ON files (expires_at) WHERE status = 'pending';

-- Hashes of submitted pictures. The 64-bit perceptual hash is cut into four
-- bands: two hashes within 7 bits share a band up to one flipped bit.
CREATE TABLE file_hashes (
    file_id       text NOT NULL REFERENCES files,
    work_order_id text NOT NULL REFERENCES work_orders,
    livemode      boolean NOT NULL,
    seen_at       timestamptz NOT NULL, -- when it was submitted
    sha256        text NOT NULL,
    phash         bigint,
    band0         integer,
    band1         integer,
    band2         integer,
    band3         integer,
    PRIMARY KEY (file_id, work_order_id)
);
CREATE INDEX file_hashes_sha256 ON file_hashes (sha256);
CREATE INDEX file_hashes_band0 ON file_hashes (band0);
CREATE INDEX file_hashes_band1 ON file_hashes (band1);
CREATE INDEX file_hashes_band2 ON file_hashes (band2);
CREATE INDEX file_hashes_band3 ON file_hashes (band3);

CREATE TABLE submissions (
    work_order_id text NOT NULL REFERENCES work_orders,
    revision      integer NOT NULL CHECK (revision > 0),
    answers       jsonb NOT NULL,
    message       text NOT NULL,
    received_at   timestamptz NOT NULL,
    PRIMARY KEY (work_order_id, revision)
);

CREATE TABLE deliverables (
    id            text PRIMARY KEY CHECK (id LIKE 'dlv\_%'),
    work_order_id text NOT NULL,
    revision      integer NOT NULL,
    position      integer NOT NULL,
    file_id       text NOT NULL REFERENCES files,
    kind          text NOT NULL,
    labels        jsonb NOT NULL,
    note          text NOT NULL,
    accepted      boolean,
    UNIQUE (work_order_id, revision, file_id),
    FOREIGN KEY (work_order_id, revision) REFERENCES submissions
);

CREATE INDEX deliverables_file ON deliverables (file_id);

CREATE TABLE qa_runs (
    id               text PRIMARY KEY CHECK (id LIKE 'qar\_%'),
    work_order_id    text NOT NULL,
    revision         integer NOT NULL,
    status           text NOT NULL CHECK (status IN ('pending', 'running', 'completed')),
    requested_by     text NOT NULL, -- submission, requester or reviewer
    only_checks      text[] NOT NULL,
    files_done       integer NOT NULL DEFAULT 0,
    files_total      integer NOT NULL,
    report           jsonb, -- as the engine judged it, without overrides
    engine_version   text,
    template_version text NOT NULL,
    created_at       timestamptz NOT NULL,
    started_at       timestamptz,
    completed_at     timestamptz,
    FOREIGN KEY (work_order_id, revision) REFERENCES submissions,
    CHECK ((status = 'completed') = (report IS NOT NULL))
);
CREATE INDEX qa_runs_work_order ON qa_runs (work_order_id, id DESC);
-- One verdict a submission: reruns are asked for by name and come after it.
CREATE UNIQUE INDEX qa_runs_one_per_submission ON qa_runs (work_order_id, revision) WHERE requested_by = 'submission';

CREATE TABLE qa_overrides (
    id            text PRIMARY KEY CHECK (id LIKE 'ovr\_%'),
    work_order_id text NOT NULL,
    revision      integer NOT NULL,
    check_id      text NOT NULL,
    verdict       text NOT NULL CHECK (verdict IN ('pass', 'fail')),
    reason        text NOT NULL,
    made_by       text NOT NULL,
    made_at       timestamptz NOT NULL,
    revoked_at    timestamptz,
    FOREIGN KEY (work_order_id, revision) REFERENCES submissions
);
CREATE UNIQUE INDEX qa_overrides_one ON qa_overrides (work_order_id, revision, check_id) WHERE revoked_at IS NULL;

CREATE TABLE disputes (
    id            text PRIMARY KEY CHECK (id LIKE 'dsp\_%'),
    work_order_id text NOT NULL REFERENCES work_orders,
    account_id    text NOT NULL REFERENCES accounts,
    talent_id     text NOT NULL,
    status        text NOT NULL CHECK (status IN ('open', 'resolved')),
    opened_by     text NOT NULL CHECK (opened_by IN ('requester', 'talent')),
    reason        text NOT NULL,
    due_at        timestamptz NOT NULL,
    to_talent     bigint,
    to_requester  bigint,
    currency      text NOT NULL,
    resolution    text NOT NULL DEFAULT '',
    resolved_by   text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    resolved_at   timestamptz
);
CREATE UNIQUE INDEX disputes_one_open ON disputes (work_order_id) WHERE status = 'open';

-- +goose Down
DROP TABLE disputes;
DROP TABLE qa_overrides;
DROP TABLE qa_runs;
DROP TABLE deliverables;
DROP TABLE submissions;
DROP TABLE file_hashes;
DROP TABLE files;
DROP TABLE work_orders;
DROP TABLE checkins;
DROP TABLE bookings;
DROP TABLE quotes;
DROP TABLE quote_requests;
DROP TABLE tasks;
