import { runService } from '@interlock/chassis';
import { federationApi } from './federation-api.service.js';

await runService(federationApi, process);
