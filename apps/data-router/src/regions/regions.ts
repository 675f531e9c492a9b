import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type RegionKeys, readRegionKeys } from '@interlock/bus';
import { Clock, LOG, type Log, SETTINGS, StartError } from '@interlock/chassis';
import type { LocalId, Thumbprint } from '@interlock/domain';
import { publicJwkOf, thumbprintOf } from '@interlock/proof';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { RegionSettings, RouterSettings } from '../settings.js';
import { RegionLink } from './region-link.js';

/** A region this service operates. */
export interface OperatedRegion {
  readonly name: LocalId;
  readonly keys: RegionKeys;
  /** The key its endpoint shows; an agreement that does not name it sends nothing here. */
  readonly endpointKey: Thumbprint;
  readonly link: RegionLink;
}

/** The regions of this service, and the lines to them. */
@Injectable()
export class Regions implements OnModuleDestroy {
  readonly all: ReadonlyMap<LocalId, OperatedRegion>;

  constructor(@Inject(SETTINGS) settings: RouterSettings, @Inject(Clock) clock: Clock, @Inject(LOG) log: Log) {
    this.all = new Map(settings.ROUTER_REGIONS.map((one) => [one.region, operated(one, clock, log)]));
  }

  /** Connects to every region; `onUp` is told each time one has been reached. */
  start(onUp: (region: OperatedRegion) => void): void {
    for (const region of this.all.values()) region.link.start(() => onUp(region));
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.all.values()].map((region) => region.link.stop()));
  }
}

function operated(settings: RegionSettings, clock: Clock, log: Log): OperatedRegion {
  try {
    const keys = readRegionKeys(settings.keys);
    const shown = new X509Certificate(readFileSync(settings.certificate)).publicKey;
    const endpointKey = thumbprintOf(publicJwkOf(shown));
    return { name: settings.region, keys, endpointKey, link: new RegionLink(settings, keys, clock, log) };
  } catch (cause) {
    throw new StartError(
      `the keys or the certificate of region ${settings.region} cannot be read; run region-config and check ROUTER_REGIONS`,
      { cause },
    );
  }
}
