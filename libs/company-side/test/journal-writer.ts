import { openJournal } from '../src/journal/index.js';

/** Appends for as long as it lives, ten at a time, and prints the number of every entry that was acknowledged. */
const [dir = '', maxBytes = '100000000'] = process.argv.slice(2);
const journal = await openJournal(dir, { maxBytes: Number(maxBytes), reservedBytes: 4_096, segmentBytes: 20_000 });
process.stdout.write('ready\n');
for (;;) {
  const written = await Promise.all(
    Array.from({ length: 10 }, (_, n) => journal.append({ n, filler: 'x'.repeat(n * 17) })),
  );
  for (const one of written) if (one.allowed) process.stdout.write(`${one.value.sequence} ${one.value.digest}\n`);
}
