import { runService } from '@interlock/chassis';
import { grants } from './grants.service.js';

await runService(grants, process);
