import type { CompanyView, Person } from '@interlock/company-side';
import {
  allow,
  type Capacity,
  type Decision,
  type Instant,
  type LoggedIn,
  outsiderOf,
  refuse,
  rolesOf,
} from '@interlock/domain';
import { digestOf, type HeldMapping, trust, verifyRoleMapping } from '@interlock/proof';

/** The company's signed role mapping, as it is now. */
export interface RoleBook {
  /** Refused where there is none, or it does not verify: then nobody has a role. */
  mapping(): Promise<Decision<HeldMapping>>;
  /** The person whom a login stands for: one of the own people, or an outside auditor whom the mapping names. */
  personOf(who: LoggedIn): Promise<Decision<LocalPerson>>;
  /** What this login may be at this moment. A mapping or a folder that was changed since the login counts. */
  capacities(person: Person, who: LoggedIn): Promise<Decision<readonly Capacity[]>>;
}

export interface LocalPerson {
  readonly person: Person;
  /** Not one of the own people: no key, no grant, no login proof. */
  readonly outside: boolean;
}

interface Sources {
  readonly company: () => CompanyView;
  readonly now: () => Instant;
}

export function openRoleBook({ company, now }: Sources): RoleBook {
  let last: { readonly of: string; readonly held: Decision<HeldMapping> } | undefined;
  const mapping = async (): Promise<Decision<HeldMapping>> => {
    const view = company();
    if (!view.roles) return refuse('role_mapping_missing');
    const of = [digestOf(view.roles), ...view.entities.map(({ document }) => digestOf(document))].join();
    // Verified once for what is held; whether the entity document has expired meanwhile is asked each time.
    if (last?.of !== of) last = { of, held: await verified(view, view.roles, now()) };
    const { held } = last;
    if (!held.allowed) return held;
    return allow({ ...held.value, lapsed: now() >= (view.entities.at(-1)?.document.expiresAt ?? 0) });
  };
  return {
    mapping,
    personOf: async (who) => {
      const own = company().people.find((one) => one.login === who.subject);
      if (own) return allow({ person: own, outside: false });
      const held = await mapping();
      const outsider = held.allowed ? outsiderOf(held.value.mapping, who) : undefined;
      if (!outsider) return refuse('person_unknown');
      const { id, login } = outsider;
      return allow({ person: { id, login, groups: [], purposes: [], guest: true }, outside: true });
    },
    capacities: async (person, who) => {
      const held = await mapping();
      // Whoever has a key of his own uses it by its certificate; no claim is needed for that, and none adds to it.
      const holder: readonly Capacity[] = person.purposes.length > 0 ? ['holder'] : [];
      if (!held.allowed) return holder.length > 0 ? allow(holder) : held;
      const roles = rolesOf(held.value.mapping, who, now(), held.value.lapsed);
      return roles.allowed ? allow([...roles.value, ...holder]) : roles;
    },
  };
}

async function verified(
  view: CompanyView,
  roles: NonNullable<CompanyView['roles']>,
  now: Instant,
): Promise<Decision<HeldMapping>> {
  const ring = await trust(view.entities, [], view.pins, now);
  return ring.allowed ? verifyRoleMapping(roles, view.settings.organisation, ring.value, now) : ring;
}
