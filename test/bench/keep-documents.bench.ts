import { documentsOfToday } from '../upgrade/kept-documents.js';

process.stdout.write(`${JSON.stringify(await documentsOfToday())}\n`);
