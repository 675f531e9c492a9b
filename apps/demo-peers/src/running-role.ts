/** What a started role offers: the ready line to print, and an end that leaves no socket, timer or child behind. */
export interface RunningRole {
  readonly ready: Readonly<Record<string, string | number>>;
  close(): Promise<void>;
}

/** One JSON line per event on stderr. Fields carry ids and counts, never a password, a token or a body. */
export type Log = (event: string, fields?: Readonly<Record<string, string | number | boolean>>) => void;

export type Environment = Readonly<Record<string, string | undefined>>;

/** `args` are the words after the role's name. Settings that cannot be used throw a ConfigurationError that names all of them. */
export type StartRole = (args: readonly string[], env: Environment, log: Log) => Promise<RunningRole>;
