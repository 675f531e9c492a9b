import type { Way } from '@interlock/company-side';

export function wayLine({ resource, region, regionIn, recipients, deliveries, left }: Way): string {
  const to = recipients.map((one) => `${one.organisation} (${one.in})`).join(', ') || 'nobody who is named';
  return `${left ? 'LEFT' : 'inside'}: ${deliveries} deliveries of ${resource} through ${region} (${regionIn}) to ${to}`;
}
