import { runService } from '@interlock/chassis';
import { dataRouter } from './data-router.service.js';
import { tellRegionConfig } from './region-config.js';

if (process.argv[2] === 'region-config') tellRegionConfig(process, Date.now());
else await runService(dataRouter, process);
