-- +goose Up
-- Owner: dispatch/talent.
CREATE TABLE talent (
    id             text PRIMARY KEY CHECK (id LIKE 'tal\_%'),
    livemode       boolean NOT NULL,
    registered_by  text NOT NULL REFERENCES accounts,
    name           text NOT NULL,
    email          text NOT NULL,
    bio            text NOT NULL DEFAULT '',
    skills         text[] NOT NULL DEFAULT '{}',
    task_types     text[] NOT NULL DEFAULT '{}',
    languages      text[] NOT NULL DEFAULT '{}',
    city           text NOT NULL DEFAULT '',
    lat            double precision CHECK (lat BETWEEN -90 AND 90),
    lng            double precision CHECK (lng BETWEEN -180 AND 180),
    radius_km      double precision NOT NULL DEFAULT 50 CHECK (radius_km > 0),
    rating         double precision CHECK (rating BETWEEN 0 AND 5),
    completed_jobs integer NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    CHECK ((lat IS NULL) = (lng IS NULL))
);
CREATE UNIQUE INDEX talent_email ON talent (livemode, lower(email));
CREATE INDEX talent_place ON talent (livemode, lat, lng);
CREATE INDEX talent_skills ON talent USING gin (skills);
CREATE INDEX talent_task_types ON talent USING gin (task_types);

CREATE TABLE talent_tokens (
    id         text PRIMARY KEY,
    talent_id  text NOT NULL REFERENCES talent,
    hash       bytea NOT NULL CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX talent_tokens_hash ON talent_tokens (hash);

-- +goose Down
DROP TABLE talent_tokens;
DROP TABLE talent;
