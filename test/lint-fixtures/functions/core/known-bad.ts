// Known bad on purpose: the import rule must complain about the SDK outside functions/aws.
import { ECRClient } from '@aws-sdk/client-ecr';

export const client: ECRClient = new ECRClient({});
