import { runService } from '@interlock/chassis';
import { trustRegistry } from './trust-registry.service.js';

await runService(trustRegistry, process);
