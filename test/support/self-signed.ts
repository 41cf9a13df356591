import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

// A certificate in DER, as little of it as Node's TLS asks for, so that no private key lies in the repository and
// nothing expires.
const OID = {
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  ecdsaWithSha256: '2a8648ce3d040302',
};

/** A key and a certificate for a host name, in PEM; whoever is to trust it takes the certificate as an authority. */
export function selfSigned(host: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = certificateBody(host, publicKey);
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, sequence(oid(OID.ecdsaWithSha256)), bits(signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function certificateBody(host: string, publicKey: KeyObject): Buffer {
  const name = sequence(tlv(0x31, sequence(oid(OID.commonName), tlv(0x0c, Buffer.from(host)))));
  const extensions = sequence(
    sequence(oid(OID.basicConstraints), tlv(0x04, sequence(tlv(0x01, Buffer.from([0xff]))))),
    sequence(oid(OID.subjectAltName), tlv(0x04, sequence(tlv(0x82, Buffer.from(host))))),
  );
  return sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    sequence(oid(OID.ecdsaWithSha256)),
    name,
    sequence(time(-24), time(24)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, extensions),
  );
}

/** A moment so many hours from now, as YYMMDDHHMMSSZ. */
function time(hours: number): Buffer {
  const text = new Date(Date.now() + hours * 3_600_000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tlv(0x17, Buffer.from(text.slice(2)));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'));
}

function bits(content: Buffer): Buffer {
  return tlv(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}
