import { runService } from '@interlock/chassis';
import { auditService } from './audit.service.js';

await runService(auditService, process);
