import { join } from 'node:path';

/** Options by which apt keeps its index and its cache inside one private folder, takes no system lock and gives up where nothing answers. */
export const privateAptOptions = (folder: string): readonly string[] => [
  `-oDir::State::Lists=${join(folder, 'lists')}`,
  `-oDir::Cache=${join(folder, 'cache')}`,
  '-oDebug::NoLocking=1',
  '-oAcquire::Languages=none',
  '-oAcquire::Retries=2',
  '-oAcquire::http::Timeout=30',
  '-oAcquire::https::Timeout=30',
];
