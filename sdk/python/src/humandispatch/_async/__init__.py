"""The async client, which the sync one is generated from."""
