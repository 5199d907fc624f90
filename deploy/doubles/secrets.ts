/**
 * A double of AWS Secrets Manager: it tells the value of a secret that it was given.
 *
 * What it does not do: versions and stages, rotation, making and changing, binary values, keys, policies, replicas.
 */
import { json, jsonError, type Service, startService } from './service.ts'

export interface SecretsManager extends Service {
  /** By name. Changing it is what an operator does. */
  readonly secrets: Map<string, string>
}

export async function startSecrets({ port = 0 }: { readonly port?: number } = {}): Promise<SecretsManager> {
  const secrets = new Map<string, string>()
  const service = await startService(port, {
    service: 'secretsmanager',
    throttled: 'ThrottlingException',
    says: jsonError,
    answer({ headers, body }) {
      if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue')
        return jsonError(400, 'UnknownOperationException', 'This double does not know it')
      const { SecretId } = JSON.parse(body.toString('utf8')) as { readonly SecretId: string }
      const SecretString = secrets.get(SecretId)
      return SecretString === undefined
        ? jsonError(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
        : json(200, { Name: SecretId, SecretString, VersionStages: ['AWSCURRENT'] })
    },
  })
  return { ...service, secrets }
}
