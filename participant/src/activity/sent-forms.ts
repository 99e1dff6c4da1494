// What leaves this site, in plain words: the form of each kind of message, and who can read it. Shown to the site's own people.

export interface SentForm {
  readonly what: string;
  /** In which form it leaves; no more than one sentence. */
  readonly form: string;
  readonly readers: string;
}

const COORDINATOR = 'the coordinator';
const PUBLIC = 'anybody: it is in the public log, or may be';

export const SENT_FORMS = {
  ciphertext: {
    what: 'encrypted update',
    form: 'the update with its counts and scores, encrypted under a key made for this attempt alone',
    readers: 'nobody; only the sum over the contributors is opened, by enough members together',
  },
  shares: {
    what: 'sealed shares of the key',
    form: 'one share of that key for each member, sealed to that member',
    readers: 'each member its own share, which alone says nothing; the coordinator none',
  },
  commitment: {
    what: 'commitment',
    form: 'signed hashes of the encrypted update and of the sealed shares',
    readers: PUBLIC,
  },
  acknowledgement: {
    what: 'acknowledgement',
    form: 'signed: the set of contributors is the one that was announced, and the shares open here',
    readers: PUBLIC,
  },
  complaint: {
    what: 'complaint',
    form: 'signed: names of the members whose share does not open here',
    readers: PUBLIC,
  },
  checksum: {
    what: 'checksum',
    form: 'signed numbers computed from ciphertexts, by which everybody sees that the sum is of this set',
    readers: PUBLIC,
  },
  'sealed-opening': {
    what: 'sealed opening',
    form: 'this site’s part of the key of the sum, sealed to each member',
    readers: 'members: with enough of them, the sum of that one set can be opened, and no single update',
  },
  opening: {
    what: 'opening',
    form: 'signed hashes of the set, of its sum and of the sealed opening',
    readers: PUBLIC,
  },
  attestation: {
    what: 'attestation',
    form: 'signed: hash of the new model, and metrics over all contributors together',
    readers: PUBLIC,
  },
  'sealed-model': {
    what: 'sealed model',
    form: 'the model that all members computed, sealed to each of them, for those that were away',
    readers: 'members, who have it already',
  },
  'model-offer': {
    what: 'offer of a sealed model',
    form: 'signed hashes of the model and of the sealed file',
    readers: 'the coordinator and the members',
  },
  'model-complaint': {
    what: 'complaint about a sealed model',
    form: 'signed: a sealed model did not open here',
    readers: 'the coordinator and the members',
  },
  consent: {
    what: 'consent to a job',
    form: 'signed hashes of the job’s terms and of the roster',
    readers: PUBLIC,
  },
  withdrawal: {
    what: 'withdrawal from a job',
    form: 'signed: the round from which on this site takes no part; no reason',
    readers: PUBLIC,
  },
  'roster-approval': {
    what: 'approval of a roster',
    form: 'signed hash of the roster',
    readers: PUBLIC,
  },
  'roster-refusal': {
    what: 'refusal of a roster',
    form: 'the reason that somebody here wrote, as they wrote it',
    readers: 'the coordinator and its operator',
  },
  cosignature: {
    what: 'cosignature of the log',
    form: 'a signature over a checkpoint of the public log',
    readers: PUBLIC,
  },
  'log-evidence': {
    what: 'checkpoint of the log',
    form: 'the checkpoint that this site keeps, shown to a log that contradicts it',
    readers: PUBLIC,
  },
  'model-vote': {
    what: 'vote for a public model',
    form: 'signed hash of the model',
    readers: PUBLIC,
  },
  'model-refusal': {
    what: 'vote against a public model',
    form: 'the reason that somebody here wrote, as they wrote it',
    readers: 'the coordinator and its operator',
  },
  'released-model': {
    what: 'released model',
    form: 'the model itself, in the clear, after enough members voted for it to be public',
    readers: 'anybody',
  },
  heartbeat: {
    what: 'sign of life',
    form: 'version, training backend, one word for what this site does, and its progress in thousandths',
    readers: 'the coordinator and its operator',
  },
  enrolment: {
    what: 'enrolment, or a certificate to renew',
    form: 'public keys and a certificate request, and once the secret of the invitation',
    readers: COORDINATOR,
  },
  question: {
    what: 'questions',
    form: 'which job, round or record this site asks about, and how far it has got; nothing about its rows',
    readers: COORDINATOR,
  },
} as const satisfies Record<string, SentForm>;

export type SentKind = keyof typeof SENT_FORMS;
