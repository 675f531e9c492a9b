// Writes test/vectors/rights.json anew, signed by keys that end with this process.
import { writeFileSync } from 'node:fs';
import { rightVectors } from '../vectors/right-vectors.js';

const began = performance.now();
const made = await rightVectors();
// The bench runs as one bundle in dist/bench, at the root of the project.
writeFileSync('test/vectors/rights.json', `${JSON.stringify(made, undefined, 1)}\n`);
const answers = new Set(made.vectors.map(({ answer }) => answer));
console.log(
  JSON.stringify({
    id: 'make-vectors',
    figures: { vectors: made.vectors.length, answers: answers.size },
    conditions: {},
    peers: {},
    seconds: Math.round(performance.now() - began) / 1_000,
  }),
);
