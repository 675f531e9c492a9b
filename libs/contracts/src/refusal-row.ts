export interface RefusalRow {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 429 | 503;
  /** What the person who is refused reads: what is wrong and what to do. */
  readonly title: string;
}
