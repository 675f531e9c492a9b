/** Where an adapter's lines come from. Two exist: the simulated press, and a recording. */
export interface TelemetrySource {
  /**
   * The lines for one reader, without line ends, from the beginning: for the simulated press everything it knows, for a recording its first line.
   * The reader pulls: a slow one makes the source wait and holds no memory. Ends when the signal is aborted.
   */
  lines(signal: AbortSignal): AsyncIterable<string>;
}
