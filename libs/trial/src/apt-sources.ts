import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One archive of the distribution as this machine's own package manager is told to use it. */
export interface Archive {
  readonly uri: string;
  readonly signedBy?: string;
}

const ARCHIVE = /^\S+:\/\S*\/debian\/?$/;

/** Reads the one-line form (`deb [signed-by=...] uri suite component`). */
export function readListFile(text: string): Archive[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s/.exec(line);
    const uri = match?.[2];
    if (uri === undefined || !ARCHIVE.test(uri)) return [];
    return [archive(uri, /signed-by=(\S+)/i.exec(match?.[1] ?? '')?.[1])];
  });
}

/** Reads the deb822 form; stanzas that are switched off are left out. */
export function readSourcesFile(text: string): Archive[] {
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}:((?:.*\\n[ \\t])*.*)`, 'im').exec(stanza)?.[1]?.trim();
    const off = /^(no|false|off|0|without|disable)$/i.test(field('Enabled') ?? 'yes');
    if (off || !/(^|\s)deb(\s|$)/.test(field('Types') ?? '')) return [];
    const uris = (field('URIs') ?? '').split(/\s+/).filter((uri) => ARCHIVE.test(uri));
    return uris.map((uri) => archive(uri, field('Signed-By')));
  });
}

function archive(uri: string, signedBy: string | undefined): Archive {
  return signedBy?.startsWith('/') && !/\s/.test(signedBy) ? { uri, signedBy } : { uri };
}

/** The distribution's archives this machine uses, in its own order. Empty where there is no such package manager. */
export function machineArchives(etcApt = '/etc/apt'): Archive[] {
  const parts = join(etcApt, 'sources.list.d');
  const found = readListFile(text(join(etcApt, 'sources.list')));
  for (const name of list(parts)) {
    if (name.endsWith('.list')) found.push(...readListFile(text(join(parts, name))));
    if (name.endsWith('.sources')) found.push(...readSourcesFile(text(join(parts, name))));
  }
  return found;
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
