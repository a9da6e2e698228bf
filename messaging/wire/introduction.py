"""What the OpenAPI document tells before its operations."""

INTRODUCTION = """\
The message store for AI conversations. Several wires speak to one store: what one wrote, the others read.

**Authentication.** `Authorization: Bearer KEY`, `Authorization: KEY` or `X-API-Key: KEY`. Every key sees
its whole workspace: what an end user may see is for your application to decide, so keys stay on your
servers. `is_public` and `collections` are data and restrict nothing.

**Pages.** Lists of the Mielto wire answer `data` and `total_count`; `next_cursor`, given as `cursor`, leads
on and neither repeats nor skips a row while others write. Lists of the SeekrFlow wire are bare arrays, cut
by `limit` and `offset`.

**Filters by your own data.** `meta_data.KEY=VALUE` or `meta_data[KEY]=VALUE`, for several keys if you like.
It is documented as an object in the style `deepObject`. A generator that flattens objects instead sends
what it is given: name the key `meta_data.KEY` there.

**Times** are RFC 3339. One without an offset is taken for UTC, and answers are in UTC.

**Retries.** Every POST but those whose answer holds a secret takes an `Idempotency-Key`: a repeat is
answered as the first request was, and stores nothing again.

**What is ignored is named.** Unknown body keys and query parameters have no effect; the header
`Parley-Ignored` of the answer lists them, as `body.content.0.titel, query.userid`. With `Prefer:
handling=strict` they are refused with 422.

**Errors.** 422 lists what is wrong: `loc`, `msg` and `type` are FastAPI's, and `hint` says what was
probably meant. Every other error is `{"detail": "..."}`. 429 and 503 say with `Retry-After` when to try
again.
"""
