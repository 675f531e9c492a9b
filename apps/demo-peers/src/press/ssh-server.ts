import { createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type Session } from 'ssh2';
import { type Listening, listen } from '../listen.js';
import type { Log } from '../running-role.js';
import { ConsoleSession, runCommand } from './console-session.js';
import type { LivePress } from './live-press.js';
import { loginCheck, MOST_LOGIN_ATTEMPTS } from './ssh-login.js';
import type { TelemetrySource } from './telemetry-source.js';

const MOST_CONNECTIONS = 32;
const MOST_SESSIONS_PER_CONNECTION = 8;
/** Time a stranger gets to log in. */
const LOGIN_GRACE_MS = 20_000;
const LONGEST_COMMAND = 4_096;

export interface SshSettings {
  readonly host: string;
  readonly port: number;
  /** OpenSSH private key, PEM. */
  readonly hostKey: string;
}

/** The machine's SSH console. Forwarding, files, agents and subsystems have no listener here, so the library refuses each of them. */
export function serveSsh(press: LivePress, source: TelemetrySource, at: SshSettings, log: Log): Promise<Listening> {
  const mayLogIn = loginCheck(press.settings);
  const ssh = new ssh2.Server({ hostKeys: [at.hostKey], ident: 'press-console', keepaliveInterval: 15_000 });
  const graces = new Map<string, NodeJS.Timeout>();
  ssh.on('connection', (client, { ip, port }) => {
    client.on('error', (error) => log('ssh connection failed', { reason: error.message }));
    checkLogins(client, mayLogIn, log);
    client.once('ready', () => {
      clearTimeout(graces.get(`${ip} ${port}`));
      openSessions(client, press, source, log);
    });
  });
  ssh.on('error', (error: Error) => log('ssh server failed', { reason: error.message }));
  const server = createServer((socket) => {
    // The library listens for errors only once it has read a header; a peer that resets before that must not end the press.
    socket.on('error', () => {});
    socket.setNoDelay(true);
    endUnlessLoggedIn(socket, graces);
    ssh.injectSocket(socket);
  });
  return listen(server, { host: at.host, port: at.port, connections: MOST_CONNECTIONS });
}

function endUnlessLoggedIn(socket: Socket, graces: Map<string, NodeJS.Timeout>): void {
  const peer = `${socket.remoteAddress} ${socket.remotePort}`;
  const grace = setTimeout(() => socket.destroy(), LOGIN_GRACE_MS).unref();
  graces.set(peer, grace);
  socket.once('close', () => {
    clearTimeout(grace);
    if (graces.get(peer) === grace) graces.delete(peer);
  });
}

function checkLogins(client: Connection, mayLogIn: (attempt: AuthContext) => boolean, log: Log): void {
  let failures = 0;
  client.on('authentication', (attempt) => {
    if (mayLogIn(attempt)) return attempt.accept();
    attempt.reject(['publickey', 'password']);
    // Every client starts by asking which methods there are; that is no attempt.
    if (attempt.method === 'none') return;
    failures += 1;
    log('ssh login refused', { method: attempt.method, failures });
    if (failures >= MOST_LOGIN_ATTEMPTS) client.end();
  });
}

function openSessions(client: Connection, press: LivePress, source: TelemetrySource, log: Log): void {
  let open = 0;
  log('ssh login');
  client.on('session', (accept, reject) => {
    if (open >= MOST_SESSIONS_PER_CONNECTION) return void reject();
    open += 1;
    const session = accept();
    session.once('close', () => {
      open -= 1;
    });
    serveSession(session, press, source);
  });
}

function serveSession(session: Session, press: LivePress, source: TelemetrySource): void {
  let terminal = false;
  session.on('pty', (accept) => {
    terminal = true;
    accept?.();
  });
  session.on('window-change', (accept) => accept?.());
  session.on('signal', (accept) => accept?.());
  session.on('exec', (accept, reject, { command }) => {
    if (command.length > LONGEST_COMMAND) return void reject();
    const channel = accept();
    runCommand(command, channel, press, source).catch(() => channel.destroy());
  });
  session.on('shell', (accept) => void new ConsoleSession(accept(), terminal, press, source));
}
