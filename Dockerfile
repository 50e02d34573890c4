# SPDX-License-Identifier: Apache-2.0
# The image of mailweir: one static program, no shell, no other user than its own.
#
#   docker build -t mailweir .
#   docker run -v ./mailweir.yaml:/etc/mailweir/mailweir.yaml:ro -v mailweir:/var/lib/mailweir mailweir
#
# Scanners of the kind "command" need their program in the image: build one FROM this and add it.
FROM golang:1.26-bookworm AS build
# Where modules come from; build arguments reach a mirror.
ARG GOPROXY
ARG GOSUMDB
ARG VERSION=devel
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
LABEL org.mailweir.stage=build
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.release=$VERSION" -o /image/usr/bin/mailweir ./cmd/mailweir \
 && mkdir -p /image/etc/ssl/certs /image/etc/mailweir /image/tmp /image/var/lib/mailweir/work /image/var/lib/mailweir/quarantine \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && echo 'mailweir:x:10024:10024::/var/lib/mailweir:/' >/image/etc/passwd \
 && echo 'mailweir:x:10024:' >/image/etc/group \
 && chmod 1777 /image/tmp && chmod 0700 /image/var/lib/mailweir/quarantine \
 && chown -R 10024:10024 /image/var/lib/mailweir

FROM scratch
COPY --from=build /image /
USER 10024:10024
VOLUME /var/lib/mailweir
EXPOSE 10024 10026 9125
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/bin/mailweir", "health"]
ENTRYPOINT ["/usr/bin/mailweir"]
CMD ["serve"]
