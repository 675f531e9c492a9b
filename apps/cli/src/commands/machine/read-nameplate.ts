import type { Nameplate } from '@interlock/domain';
import { z } from 'zod';
import { WrongUsage } from '../perform.js';
import { readJsonFile } from '../read-arguments.js';

const said = z.union([z.string(), z.array(z.looseObject({ language: z.string(), text: z.string() }))]);
const element = z.looseObject({ idShort: z.string().optional(), value: z.unknown().optional() });
const submodel = z.looseObject({ idShort: z.string().optional(), submodelElements: z.array(element) });
const environment = z.union([
  z.looseObject({ submodels: z.array(submodel) }),
  submodel.transform((one) => ({ submodels: [one] })),
]);

/** What a nameplate says of a machine, and the firmware it was delivered with. */
export interface ReadNameplate {
  readonly nameplate: Nameplate;
  readonly firmware: string;
}

/**
 * The nameplate in an Asset Administration Shell (IDTA 02006, versions 2 and 3): an environment with a submodel `Nameplate`, or that submodel
 * alone, in JSON. A text in more than one language is taken in English, else in the first. What a record needs and is not there is wrong usage.
 */
export function readNameplate(file: string): ReadNameplate {
  const read = environment.safeParse(readJsonFile(file));
  const found = read.data?.submodels.find(({ idShort }) => idShort === 'Nameplate');
  if (!found) throw new WrongUsage(`${file} holds no submodel "Nameplate" (IDTA 02006, JSON)`);
  const text = (name: string): string => {
    const value = said.safeParse(found.submodelElements.find(({ idShort }) => idShort === name)?.value).data;
    if (typeof value !== 'object') return value ?? '';
    return (value.find(({ language }) => language === 'en') ?? value[0])?.text ?? '';
  };
  const nameplate: Nameplate = {
    uri: text('URIOfTheProduct'),
    manufacturer: text('ManufacturerName'),
    product: text('ManufacturerProductDesignation') || text('ManufacturerProductType'),
    serial: text('SerialNumber'),
    built: text('DateOfManufacture') || text('YearOfConstruction'),
  };
  if (nameplate.uri === '' && (nameplate.manufacturer === '' || nameplate.serial === ''))
    throw new WrongUsage(
      `the nameplate in ${file} names no machine: it needs URIOfTheProduct, or ManufacturerName and SerialNumber`,
    );
  return { nameplate, firmware: text('FirmwareVersion') };
}
