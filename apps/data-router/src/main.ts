import { runService } from '@interlock/chassis';
import { dataRouter } from './data-router.service.js';

await runService(dataRouter, process);
