-- Loaders that pages pin by their digest, and the layers these load: stored, so that they outlive publications and the
-- program that made them. Only `consent site pin` adds to them, and `consent site unpin` takes away. Runs on both engines.

CREATE TABLE pins (
    site TEXT NOT NULL,
    version TEXT NOT NULL,              -- the first 16 hex digits of the loader's SHA-256
    notice TEXT NOT NULL,               -- the digest of the notice it asks
    regime TEXT NOT NULL,               -- how it asks
    build TEXT NOT NULL,                -- names its layers
    script BYTEA NOT NULL,              -- the loader, brotli
    pinned_at BIGINT NOT NULL,
    PRIMARY KEY (site, version)
);

CREATE TABLE pinned_layers (
    site TEXT NOT NULL,
    name TEXT NOT NULL,                 -- the address below /w/; ends in the build
    build TEXT NOT NULL,
    script BYTEA NOT NULL,              -- brotli
    PRIMARY KEY (site, name)
);
