// Everything a program needs to speak the Blindsum RPCs over grpc-js.
export * from './service-definition.ts';
export * from '../gen/blindsum/v1/download_service_pb.ts';
export * from '../gen/blindsum/v1/enrolment_service_pb.ts';
export * from '../gen/blindsum/v1/federation_service_pb.ts';
export * from '../gen/blindsum/v1/job_service_pb.ts';
export * from '../gen/blindsum/v1/log_service_pb.ts';
export * from '../gen/blindsum/v1/messages_pb.ts';
export * from '../gen/blindsum/v1/release_service_pb.ts';
export * from '../gen/blindsum/v1/roster_service_pb.ts';
export * from '../gen/blindsum/v1/round_service_pb.ts';
export * from '../gen/blindsum/v1/upload_service_pb.ts';
