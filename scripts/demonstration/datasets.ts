// The two federations that the demonstration knows: whose rows, and how unevenly they are spread over the sites.
import { join } from 'node:path';

/** Repository root. */
export const ROOT = join(import.meta.dirname, '../..');

export const DATASET_NAMES = ['breast_cancer', 'german_credit'] as const;
export type DatasetName = (typeof DATASET_NAMES)[number];

export interface SiteShare {
  readonly site: string;
  /** Share of the positive rows that this site holds, 0..1; all sites together hold all. */
  readonly positives: number;
  readonly negatives: number;
}

export interface Dataset {
  readonly name: DatasetName;
  readonly title: string;
  /** Folder of the federation's configuration files, which a user could start by hand. */
  readonly examples: string;
  readonly csv: string;
  /** Decides which rows go where. */
  readonly seed: number;
  readonly sites: readonly SiteShare[];
}

export const DATASETS: Readonly<Record<DatasetName, Dataset>> = {
  breast_cancer: {
    name: 'breast_cancer',
    title: 'Three hospitals, one breast-cancer classifier',
    examples: join(ROOT, 'examples/breast-cancer'),
    csv: join(ROOT, 'examples/data/breast_cancer.csv'),
    seed: 2,
    sites: [
      { site: 'hospital-a', positives: 0.55, negatives: 0.1 },
      { site: 'hospital-b', positives: 0.4, negatives: 0.3 },
      { site: 'hospital-c', positives: 0.05, negatives: 0.6 },
    ],
  },
  german_credit: {
    name: 'german_credit',
    title: 'Two banks and a credit union, one credit-risk classifier',
    examples: join(ROOT, 'examples/german-credit'),
    csv: join(ROOT, 'examples/data/german_credit.csv'),
    seed: 2,
    sites: [
      { site: 'bank-a', positives: 0.5, negatives: 0.25 },
      { site: 'bank-b', positives: 0.35, negatives: 0.25 },
      { site: 'credit-union', positives: 0.15, negatives: 0.5 },
    ],
  },
};
