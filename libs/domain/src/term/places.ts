import type { Agreement, ApprovalRule } from '../documents/agreement.js';
import type { OrganisationId, ResourceRef } from '../names.js';
import { sameResource } from '../names.js';

const seats = (rules: readonly ApprovalRule[], group: string): number =>
  rules.filter((rule) => rule.group === group).reduce((sum, rule) => sum + rule.persons, 0);

/** Whoever staffs the seats of `after` has staffed those of `before`: one person fills one seat, so every group keeps at least its own. */
export const noFewerSeats = {
  words: 'at least as many persons of every group',
  holds: (before: readonly ApprovalRule[], after: readonly ApprovalRule[]): boolean =>
    before.every((rule) => seats(after, rule.group) >= seats(before, rule.group)),
};

/** A ticket is asked where none was. Of two patterns nobody can say in general that one allows less. */
export const ticketAsked = {
  words: 'a ticket is asked where none was',
  holds: (before: string | null, _after: string | null): boolean => before === null,
};

/** Whether a term is about somebody who is no party. */
export const ofStranger = ({ party }: { readonly party: OrganisationId }, agreement: Agreement): boolean =>
  !agreement.parties.some(({ organisation }) => organisation === party);

/** Whether the agreement names every one of these resources. */
export const allAgreed = (resources: readonly ResourceRef[], agreement: Agreement): boolean =>
  resources.every((one) => agreement.resources.some((other) => sameResource(one, other)));
