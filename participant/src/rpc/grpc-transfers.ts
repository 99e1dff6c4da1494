// The Transfers port over gRPC.
import type { Transfers } from '../ports.ts';
import type { BulkChannel } from './channels.ts';
import { createDownloader, createRecordReader } from './download.ts';
import { createUploader } from './upload.ts';

export function createGrpcTransfers(channel: BulkChannel): Transfers {
  return {
    upload: createUploader(channel),
    download: createDownloader(channel),
    records: createRecordReader(channel),
  };
}
