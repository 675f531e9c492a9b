import type { AgreementId, LocalId, OrganisationId } from '@interlock/domain';
import { z } from 'zod';
import { agreementId } from '../documents/names.js';

/** Who holds a channel. */
export type ChannelKind = 'agent' | 'gateway';

/**
 * What a service hands to whichever replica of the federation API holds a channel: a frame as it goes out, the order to compose
 * a fresh standing, or the question whether anybody is there. It may be lost; what must not be lost is fetched at (re)connect.
 */
export const delivery = z.discriminatedUnion('d', [
  z.strictObject({ d: z.literal('frame'), frame: z.looseObject({ t: z.string() }) }),
  z.strictObject({ d: z.literal('refresh'), agreementId }),
  z.strictObject({ d: z.literal('there?') }),
]);
export type Delivery =
  | { readonly d: 'frame'; readonly frame: { readonly t: string } }
  | { readonly d: 'refresh'; readonly agreementId: AgreementId }
  | { readonly d: 'there?' };

/** Dots separate the words of a subject, and no organisation has an underscore in its name. */
const organisationToken = (organisation: OrganisationId): string => organisation.replaceAll('.', '_');
const holderToken = (id: LocalId): string => id.replaceAll('_', '__').replaceAll('.', '_d').replaceAll('/', '_s');

/** Words of the subject of a delivery to every channel of one kind of an organisation, or to one holder's. */
export const deliveryWords = (organisation: OrganisationId, kind: ChannelKind, id?: LocalId): string =>
  [organisationToken(organisation), kind, ...(id === undefined ? [] : [holderToken(id)])].join('.');

/** Name of the news that an organisation published something: whoever caches its keys drops them. */
export const PUBLISHED = 'published';
export const publishedNews = z.strictObject({ organisation: z.string().max(253) });

/** Name of the news that a holder opened a channel: an older one of the same holder is closed. */
export const CHANNEL_OPENED = 'channel-opened';
export const channelOpenedNews = z.strictObject({
  holder: z.string().max(600),
  channel: z.string().max(64),
  /** Who says so: a replica hears its own news too. */
  replica: z.string().max(64),
});

/** Name of the news that logs signed a new state: the witnesses of these organisations are asked at once. Where it is lost, they are asked on a beat. */
export const CHECKPOINTED = 'checkpointed';
export const checkpointedNews = z.strictObject({ organisations: z.array(z.string().max(253)) });
