import { SETTINGS } from '@interlock/chassis';
import { Inject, Injectable } from '@nestjs/common';
import { originOf, type Settings } from '../settings.js';

/** Of the interface, not of the program: changed when what callers rely on changes. */
const VERSION = '1.0.0';

/** Where this API is reached and which version of it. */
@Injectable()
export class ApiOrigin {
  readonly version = VERSION;
  readonly origin: string;

  constructor(@Inject(SETTINGS) settings: Settings) {
    this.origin = originOf(settings);
  }
}
